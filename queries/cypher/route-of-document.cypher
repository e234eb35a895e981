// title: Route of a document
// group: routes
// question: Which route does a document take, layer by layer, and how much of its category goes the same way?
// only: documents follows a document on its one route
// instead: regions-of-document
// param: study     study        study to read
// param: document  document     document to follow
// returns: layer     layer      index of the layer
// returns: region    region     id of the region that the document passes there
// returns: keywords  list       words of the region, most characteristic first
// returns: weight    int        documents of its category that take this step; in the first layer, that begin there
// returns: share     float      weight / documents of its category
// returns: chance    float      probability of the step: weight / documents of its category in the region before; in the first layer, the share
// view: path
//
// The document itself counts among those that take its steps: with a weight of 1 it is the only one. Each step is counted
// separately: the documents that take one step need not be those that take the next.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (d:Document {llm_mri: true, id: $document})-[:IN_CATEGORY]->(c:Category)-[:PART_OF]->(:Study {llm_mri: true, id: $study, status: 'ready'})
MATCH (d)-[:PASSES]->(r:Region)-[a:ACTIVATED_BY]->(c)
WITH c, r, a
ORDER BY r.layer
WITH c, collect({region: r, documents: a.documents}) AS way
UNWIND range(0, size(way) - 1) AS i
WITH c, way[i].region AS r, way[i].documents AS inside, way[CASE WHEN i = 0 THEN 0 ELSE i - 1 END] AS before
WITH c, r, inside, before.region AS s, before.documents AS leaving
OPTIONAL MATCH (s)-[e:FLOWS_TO {category: c.name}]->(r)
WITH c, r, coalesce(e.weight, inside) AS weight, CASE WHEN e IS NULL THEN c.documents ELSE leaving END AS leaving
RETURN r.layer AS layer, r.id AS region, r.keywords AS keywords, weight, toFloat(weight) / c.documents AS share,
       toFloat(weight) / leaving AS chance
ORDER BY layer
