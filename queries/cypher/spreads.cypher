// title: Spread of the categories, layer by layer
// group: regions
// question: Over how many regions of each layer do the documents of each category spread?
// param: study     study        study to read
// param: layer     layer?       this layer only
// param: limit     int = 1000   most rows to return
// returns: layer              layer     index, 0 is the embedding
// returns: category           category  label of the category
// returns: effective_regions  float     effective number of regions: exp(entropy of its documents over the regions)
// returns: regions            int       regions with a document of the category
// returns: largest_share      float     share of its documents that pass the region with most of them
// view: heatmap
//
// An effective number of 1 says that all its documents are in one region; it equals the number of regions where they spread
// evenly. A category of few documents spreads over few regions.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(:Region)-[a:ACTIVATED_BY]->(c:Category)
WHERE $layer IS NULL OR l.index = $layer
RETURN l.index AS layer, c.name AS category, exp(-sum(a.share * log(a.share))) AS effective_regions,
       count(a) AS regions, max(a.share) AS largest_share
ORDER BY layer, category LIMIT $limit
