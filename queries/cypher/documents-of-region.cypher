// title: Documents of a region
// group: documents
// question: Which texts pass this region, the most typical first?
// param: study     study        study to read
// param: region    region       region that they pass
// param: category  category?    documents of this category only
// param: limit     int = 50     most rows to return
// returns: document  document   id of the document
// returns: category  category?  its category; null where its tokens have categories of their own
// returns: title     string     its title
// returns: excerpt   string     the beginning of its text
// returns: typical   int?       rank among the region's exemplars, 1 is the most typical
// of-tokens: tokens   int        its tokens in the region
// of-tokens: contexts list       its tokens among the region's exemplars, in their context
//
// The exemplars come first, then the others in the order of the corpus; of a scan of tokens those with the
// most tokens there, and of a category those with a token of it.
// A study of components has no rows: its regions hold no documents (see components).
// Where the graph holds a sample of the documents (documents_stored of the study), only these are listed;
// every exemplar is one of them.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region {llm_mri: true, id: $region})
MATCH (d:Document)-[p:PASSES]->(r)
WHERE $category IS NULL OR d.category = $category
       OR (d.category IS NULL AND EXISTS { (d)-[:IN_CATEGORY]->(:Category {llm_mri: true, study: $study, name: $category}) })
WITH d, p.tokens AS tokens, r.contexts AS contexts,
     [i IN range(1, size(r.exemplars)) WHERE r.exemplars[i - 1] = d.ordinal] AS places
RETURN d.id AS document, d.category AS category, d.title AS title, d.excerpt AS excerpt, places[0] AS typical, tokens,
       [i IN places | contexts[i - 1]] AS contexts
ORDER BY typical IS NULL, typical, coalesce(tokens, 0) DESC, d.ordinal LIMIT $limit
