// title: Divergent regions
// group: connections
// question: From which regions do documents flow to many other regions?
// param: study     study        study to read
// param: layer     layer?       regions of this layer only
// param: category  category?    documents of this category only
// param: limit     int = 20     most rows to return
// returns: region            region  id of the region
// returns: layer             layer   index of its layer
// returns: keywords          list    words over-represented in its documents, most characteristic first
// returns: effective_targets float   effective number of target regions: exp(entropy of the documents over them)
// returns: targets           int     regions of the layer after that at least one document goes to
// of-documents: documents         int     documents that leave
// of-tokens: tokens         int     tokens that leave
//
// An effective number of 1 says that all documents go to one region; it equals the number of targets where they divide
// equally (Hill 1973, the number of order 1). A region of few documents cannot have many targets; regions of the last
// layer have none and are not listed. Values within 1e-9 count as equal in the order.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)-[e:FLOWS_TO]->(t:Region)
WHERE study.atlas <> 'components' AND ($layer IS NULL OR l.index = $layer)
  AND ($category IS NULL OR e.category = $category)
WITH r, t, sum(e.weight) AS weight
WITH r, count(t) AS targets, sum(weight) AS documents, sum(weight * log(weight)) AS surprise
RETURN r.id AS region, r.layer AS layer, r.keywords AS keywords,
       exp(log(documents) - surprise / documents) AS effective_targets, targets, documents,
       documents AS tokens
ORDER BY round(effective_targets * 1e9) DESC, documents DESC, layer, region LIMIT $limit
