// title: Nearest documents
// group: documents
// question: Which documents go through the same regions as this one?
// only: documents compares documents, each on its one route
// param: study     study       study to read
// param: document  document    document to compare with
// param: category  category?   documents of this category only
// param: limit     int = 20    most rows to return
// returns: neighbour  document  id of the other document
// returns: category   category  its category
// returns: title      string    its title
// returns: excerpt    string    the beginning of its text
// returns: shared     int       layers in which the two pass the same region
// returns: part       float     shared / layers of the study
//
// 1 − the Hamming distance of their routes (Hamming 1950), the nearest first, then in the order of the corpus. Documents
// with no region in common are left out. Where regions are few and large, many layers are shared by chance.
// A study of components has no rows: its regions hold no documents (see components).
// Where the graph holds a sample of the documents (documents_stored of the study), the nearest are among
// these.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Category)<-[:IN_CATEGORY]-(d:Document {llm_mri: true, id: $document})
MATCH (d)-[:PASSES]->(r:Region)
MATCH (r)<-[:PASSES]-(n:Document)
WHERE n.id <> d.id AND ($category IS NULL OR n.category = $category)
WITH study, n, count(r) AS shared
ORDER BY shared DESC, n.ordinal LIMIT $limit
RETURN n.id AS neighbour, n.category AS category, n.title AS title, n.excerpt AS excerpt, shared,
       toFloat(shared) / study.layers AS part
ORDER BY shared DESC, n.ordinal
