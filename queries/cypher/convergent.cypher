// title: Convergent regions
// group: connections
// question: Into which regions do documents flow from many other regions?
// param: study     study        study to read
// param: layer     layer?       regions of this layer only
// param: category  category?    documents of this category only
// param: limit     int = 20     most rows to return
// returns: region            region  id of the region
// returns: layer             layer   index of its layer
// returns: keywords          list    words over-represented in its documents, most characteristic first
// returns: effective_sources float   effective number of source regions: exp(entropy of the documents over them)
// returns: sources           int     regions of the layer before that at least one document comes from
// of-documents: documents         int     documents that arrive
// of-tokens: tokens         int     tokens that arrive
//
// An effective number of 1 says that all documents come from one region; it equals the number of sources where they
// contribute equally (Hill 1973, the number of order 1). A region of few documents cannot have many sources; regions of
// the first layer have none and are not listed. Values within 1e-9 count as equal in the order.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)<-[e:FLOWS_TO]-(s:Region)
WHERE study.atlas <> 'components' AND ($layer IS NULL OR l.index = $layer)
  AND ($category IS NULL OR e.category = $category)
WITH r, s, sum(e.weight) AS weight
WITH r, count(s) AS sources, sum(weight) AS documents, sum(weight * log(weight)) AS surprise
RETURN r.id AS region, r.layer AS layer, r.keywords AS keywords,
       exp(log(documents) - surprise / documents) AS effective_sources, sources, documents,
       documents AS tokens
ORDER BY round(effective_sources * 1e9) DESC, documents DESC, layer, region LIMIT $limit
