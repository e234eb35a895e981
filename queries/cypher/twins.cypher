// title: Twins
// group: regions
// question: Which regions of a layer have the same neighbours, with similar numbers of documents?
// param: study             study        study to read
// param: layer             layer        regions of this layer
// param: category          category?    documents of this category only
// param: least_similarity  float = 0.5  smallest similarity of the two
// param: limit             int = 50     most rows to return
// returns: region          region  id of a region
// returns: twin            region  id of the other one
// returns: similarity      float   similarity of their connections: 1 is the same, 0 no neighbour in common
// returns: neighbours      int     neighbours in common, in the layers before and after
// returns: strength        int     documents in + documents out of the region
// returns: twin_strength   int     the same of the other one
// returns: keywords        list    words of the region, most characteristic first
// returns: twin_keywords   list    words of the other one
//
// The similarity is the weighted Jaccard index (Ruzicka 1958) of the documents that the two receive from each region
// of the layer before and send to each of the layer after: sum of the minima / sum of the maxima. Regions without a
// neighbour in common are not listed; two regions that hold many documents are somewhat similar by chance.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer {index: $layer})<-[:IN_LAYER]-(r:Region)
MATCH (r)-[e:FLOWS_TO]-(n:Region)
WHERE study.atlas <> 'components' AND ($category IS NULL OR e.category = $category)
WITH r, n, sum(e.weight) AS weight
WITH r, collect({id: n.id, weight: weight}) AS ends, sum(weight) AS strength
UNWIND ends AS end
WITH r, end, strength
ORDER BY r.id
WITH end.id AS neighbour, collect({region: r, weight: end.weight, strength: strength}) AS sharers
UNWIND range(0, size(sharers) - 2) AS i
UNWIND sharers[i + 1..] AS b
WITH sharers[i] AS a, b
WITH a.region AS r, b.region AS t, a.strength AS strength, b.strength AS twin_strength, count(*) AS neighbours,
     sum(CASE WHEN a.weight < b.weight THEN a.weight ELSE b.weight END) AS lesser
WITH r, t, strength, twin_strength, neighbours, toFloat(lesser) / (strength + twin_strength - lesser) AS similarity
WHERE similarity >= $least_similarity - 1e-9
RETURN r.id AS region, t.id AS twin, similarity, neighbours, strength, twin_strength, r.keywords AS keywords,
       t.keywords AS twin_keywords
ORDER BY round(similarity * 1e9) DESC, strength + twin_strength DESC, region, twin LIMIT $limit
