// title: Documents that moved
// group: across
// question: Two studies read the same documents in one atlas: which documents are in another region of the one than of the other?
// only: documents compares the regions of the same documents
// param: study     study        study to read
// param: other     study        study of the same documents in the same atlas
// param: layer     layer?       this layer only
// param: category  category?    its documents only
// param: limit     int = 50     most rows to return
// returns: document        document  id of the document in the study
// returns: layer           layer     index of the layer
// returns: category        string    its category
// returns: region          region    id of its region in the study
// returns: other_region    string    id of its region in the other study
// returns: margin          float?    how far inside its region of the other study it lies, from 0 on the border to 1; null if unknown
// returns: keywords        list      words of the one region, most characteristic first
// returns: other_keywords  list      words of the other
// returns: title           string    title of the document
// returns: excerpt         string    beginning of its text
//
// Documents farthest inside their new region come first within a layer: one that lies on the border may have crossed it by
// rounding alone. There are rows only where both studies stand on one atlas and read the same documents (see drift).
// Where the graph holds a sample of the documents of either (documents_stored), those are listed that both hold.
// Only studies that are ready are read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (a:Study {llm_mri: true, id: $study, status: 'ready'})
MATCH (b:Study {llm_mri: true, id: $other, status: 'ready', documents: a.documents, atlas_hash: a.atlas_hash})
WHERE coalesce(b.documents_hash, b.corpus_hash) = coalesce(a.documents_hash, a.corpus_hash)
MATCH (a)<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)<-[:PASSES]-(d:Document)
WHERE ($layer IS NULL OR l.index = $layer) AND ($category IS NULL OR d.category = $category)
MATCH (e:Document {llm_mri: true, id: b.id + '/D' + toString(d.ordinal)})-[p:PASSES]->(t:Region)
WHERE p.layer = l.index AND t.name <> r.name
RETURN d.id AS document, l.index AS layer, d.category AS category, r.id AS region, t.id AS other_region,
       p.margin AS margin, r.keywords AS keywords, t.keywords AS other_keywords, d.title AS title, d.excerpt AS excerpt
ORDER BY layer, round(coalesce(margin, -1.0) * 1e9) DESC, d.ordinal LIMIT $limit
