// title: Layers of a study
// group: study
// question: Which layers does a study have, and how widely do the documents spread over the regions of each?
// param: study     study        study to read
// param: layer     layer?       this layer only
// param: category  category?    documents of this category only
// param: limit     int = 1000   most rows to return
// returns: layer              layer   index, 0 is the embedding
// returns: name               string  name of the layer
// returns: width              int     width of the layer: values of an activation
// returns: regions            int     regions with a document in them
// returns: documents          int?    documents in those regions
// of-tokens: tokens          int?    tokens in those regions
// returns: effective_regions  float?  effective number of regions: exp(entropy of the documents over the regions)
// returns: entropy            float?  bits, entropy of the categories in a region, mean over the documents
// returns: explained_variance float?  share of the activations' variance that the reduced space explains
//
// An effective number of 1 says that all documents are in one region; it equals the number of regions where they spread
// evenly. An entropy of 0 says that no region holds two categories; log2 of the number of categories, that regions do not
// distinguish them. Components hold no documents, so columns that count documents are empty; UMAP explains no variance.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)
WHERE $layer IS NULL OR l.index = $layer
OPTIONAL MATCH (l)<-[:IN_LAYER]-(r:Region)-[a:ACTIVATED_BY]->(c:Category)
WHERE $category IS NULL OR c.name = $category
WITH l, r, sum(coalesce(a.tokens, a.documents)) AS inside, max(c.documents) AS texts
WITH l, count(r) AS regions, sum(inside) AS units, max(texts) AS texts,
     sum(CASE WHEN inside > 0 THEN inside * log(inside) END) AS surprise, sum(inside * r.entropy) AS mixing
RETURN l.index AS layer, l.name AS name, l.width AS width,
       CASE WHEN regions > 0 THEN regions ELSE l.regions END AS regions,
       CASE WHEN l.tokens IS NULL OR units = 0 THEN CASE WHEN units > 0 THEN units END
            WHEN $category IS NULL THEN l.documents ELSE texts END AS documents,
       CASE WHEN units > 0 THEN units END AS tokens,
       CASE WHEN units > 0 THEN exp(log(units) - surprise / units) END AS effective_regions,
       CASE WHEN units > 0 THEN mixing / units END AS entropy, l.explained_variance AS explained_variance
ORDER BY layer LIMIT $limit
