// title: Profile of a connection
// group: connections
// question: Which categories take this connection, and more or less than the others do?
// param: study      study     study to read
// param: source     region    region that it leaves
// param: target     region    region that it reaches, one layer later
// returns: category   category  label of the category
// returns: documents  int       its documents that take the connection
// of-tokens: tokens   int       its tokens that take the connection
// returns: share      float     share of the category's documents that take it
// returns: lift       float     that share / mean of all categories' shares; 1 is no more and no less than all
//
// A category that never takes the connection is listed with zeros; there are no rows for regions that are not in
// neighbouring layers.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (s:Region {llm_mri: true, id: $source}), (t:Region {llm_mri: true, id: $target})
WHERE t.layer = s.layer + 1
MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category)
WHERE study.atlas <> 'components'
OPTIONAL MATCH (s)-[e:FLOWS_TO {category: c.name}]->(t)
RETURN c.name AS category, coalesce(e.documents, e.weight, 0) AS documents, coalesce(e.weight, 0) AS tokens, coalesce(e.share, 0.0) AS share,
       coalesce(e.lift, 0.0) AS lift
ORDER BY share DESC, category
