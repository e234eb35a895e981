// title: Documents of a connection
// group: documents
// question: Which texts go from this region to that one?
// param: study     study        study to read
// param: source    region       region that they leave
// param: target    region       region that they reach
// param: category  category?    documents of this category only
// param: limit     int = 50     most rows to return
// returns: document  document   id of the document
// returns: category  category?  its category; null where its tokens have categories of their own
// returns: title     string     its title
// returns: excerpt   string     the beginning of its text
// returns: typical   int        number of the two regions of which it is an exemplar
// returns: words     int        number of the connection's words in its title and the beginning of its text
// of-tokens: source_tokens int  its tokens in the region that is left
// of-tokens: target_tokens int  its tokens in the region that is reached
//
// The two regions may be of any two layers. Listed are the documents that pass both: first those that contain most of the
// connection's words, then exemplars of both regions, then exemplars of one, in the order of the corpus.
// Of a scan of tokens, texts are listed that have tokens in both, which need not be the same ones: the most such tokens
// first, and of a category those with a token of it. What counts the tokens that go there is connection-profile.
// A study of components has no rows: its regions hold no documents (see components).
// Where the graph holds a sample of the documents (documents_stored of the study), only these are listed.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(s:Region {llm_mri: true, id: $source})
MATCH (d:Document)-[p:PASSES]->(s)
WHERE $category IS NULL OR d.category = $category
       OR (d.category IS NULL AND EXISTS { (d)-[:IN_CATEGORY]->(:Category {llm_mri: true, study: $study, name: $category}) })
MATCH (d)-[q:PASSES]->(t:Region {llm_mri: true, id: $target})
OPTIONAL MATCH (s)-[e:FLOWS_TO]->(t)
WITH s, t, d, p.tokens AS leaving, q.tokens AS reaching, coalesce(head(collect(e.keywords)), []) AS telling
WITH d, leaving, reaching, size([w IN telling WHERE toLower(d.title + ' ' + d.excerpt) CONTAINS w]) AS words, CASE WHEN d.ordinal IN s.exemplars THEN 1 ELSE 0 END
      + CASE WHEN d.ordinal IN t.exemplars THEN 1 ELSE 0 END AS typical
RETURN d.id AS document, d.category AS category, d.title AS title, d.excerpt AS excerpt, typical, words,
       leaving AS source_tokens, reaching AS target_tokens
ORDER BY words DESC, typical DESC, CASE WHEN leaving < reaching THEN leaving ELSE coalesce(reaching, 0) END DESC,
         d.ordinal LIMIT $limit
