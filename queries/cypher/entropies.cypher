// title: Entropy of the regions, layer by layer
// group: regions
// question: How mixed are the categories in the regions of each layer?
// param: study     study       study to read
// param: category  category?   regions that this category passes, weighted by its documents
// param: limit     int = 1000  most rows to return
// returns: layer     layer   index, 0 is the embedding
// returns: name      string  name of the layer
// returns: regions   int     regions that documents pass
// returns: mean      float   bits, mean over the documents
// returns: least     float   bits, of the region with the lowest entropy; 0 is one category only
// returns: median    float   bits, median over the regions
// returns: most      float   bits, of the region with the highest entropy
// returns: greatest  float   bits, the maximum: log2 of the number of categories
//
// A region of few documents easily has a low entropy: the mean weights regions by their documents, the other columns do not.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
MATCH (r)-[a:ACTIVATED_BY]->(c:Category)
WHERE $category IS NULL OR c.name = $category
WITH study, l, r, r.entropy AS entropy, sum(coalesce(a.tokens, a.documents)) AS documents
WITH study, l, count(r) AS regions, sum(entropy * documents) / sum(documents) AS mean, min(entropy) AS least,
     percentileCont(entropy, 0.5) AS median, max(entropy) AS most
RETURN l.index AS layer, l.name AS name, regions, mean, least, median, most,
       log(study.categories) / log(2) AS greatest
ORDER BY layer LIMIT $limit
