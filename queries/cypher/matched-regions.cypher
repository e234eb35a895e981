// title: Matched regions of two studies
// group: across
// question: Two models read the same documents: which region of one holds the same documents as which region of the other?
// only: documents compares the regions of the same documents
// param: study     study        study to read
// param: other     study        study of the same documents, to compare it with
// param: layer     layer?       regions of this layer only
// param: limit     int = 1000   most rows to return
// returns: region           region  id of the region
// returns: layer            layer   index of its layer
// returns: documents        int     documents that pass it
// returns: keywords         list    words of the region, most characteristic first
// returns: other_region     string  id of the region of the other study that shares most documents with it
// returns: other_layer      int     index of the layer of the other study at the same relative depth
// returns: other_documents  int     documents that pass that one
// returns: other_keywords   list    words of the other one, most characteristic first
// returns: shared           int     documents that pass both
// returns: jaccard          float   shared / documents that pass either; 1 where both hold the same documents
//
// Documents are matched by their place in the corpus, so there are rows only where both studies read the same corpus
// (the same documents_hash). Layers are aligned by index where both studies have equally many, else by relative depth. Of
// regions that share equally many documents the smaller is listed. Within a layer the best matches come first. Large
// regions share documents by chance: the question agreement corrects for that.
// There are no rows where one study is of components: its regions hold no documents (see components).
// There are no rows where the graph holds a sample of the documents of either (documents_stored): `mri match STUDY OTHER`
// matches the regions by all of them, from the files beside the store.
// Only studies that are ready are read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (a:Study {llm_mri: true, id: $study, status: 'ready'})
MATCH (b:Study {llm_mri: true, id: $other, status: 'ready', documents: a.documents})
WHERE coalesce(b.documents_hash, b.corpus_hash) = coalesce(a.documents_hash, a.corpus_hash)
  AND a.atlas <> 'components' AND b.atlas <> 'components'
  AND a.documents_stored IS NULL AND b.documents_stored IS NULL
MATCH (a)<-[:PART_OF]-(l:Layer)
WHERE $layer IS NULL OR l.index = $layer
WITH b, l, toInteger((2.0 * l.index * (b.layers - 1) + a.layers - 1) / (2 * a.layers - 2)) AS aligned
MATCH (b)<-[:PART_OF]-(m:Layer {index: aligned})
UNWIND [{at: l, mine: true}, {at: m, mine: false}] AS side
WITH l.index AS place, side.at AS at, side.mine AS mine
MATCH (at)<-[:IN_LAYER]-(r:Region)<-[:PASSES]-(d:Document)
WITH mine, place, r, collect(d.ordinal) AS inside
ORDER BY mine DESC, place
UNWIND inside AS document
WITH document, collect(r.id) AS way
WITH document, way, toInteger(size(way) / 2.0) AS layers
UNWIND range(0, layers - 1) AS i
WITH way[i] AS region, way[layers + i] AS other, count(document) AS shared
WITH region, max(shared) AS shared, collect({region: other, shared: shared}) AS cells
UNWIND [cell IN cells WHERE cell.shared = shared | cell.region] AS other
MATCH (t:Region {llm_mri: true, id: other})
WITH region, shared, t
ORDER BY t.documents, t.id
WITH region, shared, collect(t)[0] AS t
MATCH (r:Region {llm_mri: true, id: region})
RETURN r.id AS region, r.layer AS layer, r.documents AS documents, r.keywords AS keywords,
       t.id AS other_region, t.layer AS other_layer, t.documents AS other_documents, t.keywords AS other_keywords,
       shared, toFloat(shared) / (r.documents + t.documents - shared) AS jaccard
ORDER BY layer, round(jaccard * 1e9) DESC, region LIMIT $limit
