// title: Outliers of a category
// group: documents
// question: Which documents of a category take the least probable routes?
// only: documents follows documents, each on its one route
// param: study     study       study to read
// param: category  category    category whose documents are listed
// param: limit     int = 20    most rows to return
// returns: document  document  id of the document
// returns: title     string    its title
// returns: excerpt   string    the beginning of its text
// returns: mean      float     bits, mean log2 probability of its steps; the further below 0, the less probable its route
// returns: layer     layer     layer that its least probable step reaches, the first of equal ones
// returns: source    region?   region that this step leaves; null for the first step, into layer 0
// returns: target    region    region that this step reaches
// returns: chance    float     documents of the category that take it / those in the region that it leaves
//
// The probabilities are those of a first-order Markov chain of the category's own documents, including this one: of the
// first step, the share of them that begin there; of each other step, the share of those in the region before. Some
// document is always the least probable, and categories that spread widely have lower means, so compare within a
// category.
// A study of components has no rows: its regions hold no documents (see components).
// Where the graph holds a sample of the documents (documents_stored of the study), only these are listed; the
// probabilities are those of all documents of the category.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category {name: $category})<-[:IN_CATEGORY]-(d:Document)
MATCH (d)-[p:PASSES]->(r:Region)
WITH c, d.ordinal AS ordinal, p.layer AS layer, r.id AS region
ORDER BY layer
WITH c, ordinal, [''] + collect(region) AS way
UNWIND range(0, size(way) - 2) AS layer
WITH c, layer, way[layer] AS source, way[layer + 1] AS target, collect(ordinal) AS takers
MATCH (t:Region {llm_mri: true, id: target})-[a:ACTIVATED_BY]->(c)
OPTIONAL MATCH (s:Region {llm_mri: true, id: source})-[b:ACTIVATED_BY]->(c)
OPTIONAL MATCH (s)-[e:FLOWS_TO {category: $category}]->(t)
WITH layer, takers, toFloat(coalesce(e.weight, a.documents)) / coalesce(b.documents, c.documents) AS chance
UNWIND takers AS ordinal
WITH ordinal, avg(log(chance)) / log(2) AS mean, min([chance, layer]) AS rarest
ORDER BY round(mean * 1e9), ordinal LIMIT $limit
WITH ordinal, mean, rarest[0] AS chance, rarest[1] AS layer
MATCH (d:Document {llm_mri: true, id: $study + '/D' + toString(ordinal)})-[:PASSES {layer: layer}]->(t:Region)
OPTIONAL MATCH (d)-[:PASSES {layer: layer - 1}]->(s:Region)
RETURN d.id AS document, d.title AS title, d.excerpt AS excerpt, mean, layer, s.id AS source, t.id AS target, chance
ORDER BY round(mean * 1e9), d.ordinal
