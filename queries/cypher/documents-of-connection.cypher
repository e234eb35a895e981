// title: Documents of a connection
// group: documents
// question: Which texts go from this region to that one?
// param: study     study        study to read
// param: source    region       region that they leave
// param: target    region       region that they reach
// param: category  category?    documents of this category only
// param: limit     int = 50     most rows to return
// returns: document  document   id of the document
// returns: category  category   its category
// returns: title     string     its title
// returns: excerpt   string     the beginning of its text
// returns: typical   int        number of the two regions of which it is an exemplar
// returns: words     int        number of the connection's words in its title and the beginning of its text
//
// The two regions may be of any two layers. Listed are the documents that pass both: first those that contain most of the
// connection's words, then exemplars of both regions, then exemplars of one, in the order of the corpus.
// A study of components has no rows: its regions hold no documents (see components).
// Where the graph holds a sample of the documents (documents_stored of the study), only these are listed.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(s:Region {llm_mri: true, id: $source})
MATCH (d:Document)-[:PASSES]->(s)
WHERE $category IS NULL OR d.category = $category
MATCH (d)-[:PASSES]->(t:Region {llm_mri: true, id: $target})
OPTIONAL MATCH (s)-[e:FLOWS_TO]->(t)
WITH s, t, d, coalesce(head(collect(e.keywords)), []) AS telling
WITH d, size([w IN telling WHERE toLower(d.title + ' ' + d.excerpt) CONTAINS w]) AS words, CASE WHEN d.ordinal IN s.exemplars THEN 1 ELSE 0 END
      + CASE WHEN d.ordinal IN t.exemplars THEN 1 ELSE 0 END AS typical
RETURN d.id AS document, d.category AS category, d.title AS title, d.excerpt AS excerpt, typical, words
ORDER BY words DESC, typical DESC, d.ordinal LIMIT $limit
