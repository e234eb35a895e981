// title: Documents
// group: documents
// question: Which documents contain this text, or are of this category?
// param: study     study      study to read
// param: text      string?    text that their title, beginning or own id contains, upper or lower case
// param: category  category?  documents of this category only
// param: document  document?  this document only
// param: skip      int = 0    rows to skip, to continue after those already seen
// param: limit     int = 50   most rows to return
// returns: document  document  id of the document
// returns: category  category?  its category; null where its tokens have categories of their own
// returns: title     string    its title
// returns: excerpt   string    the beginning of its text
// of-tokens: tokens  int      its tokens that were placed, of this category where one is given
// returns: matches   int       number of documents, including those not listed
//
// In the order of the corpus. The graph stores the first 280 characters of a text, white space collapsed: later text is
// not searched. Of a category whose tokens have it themselves, texts are listed that have one of them.
// Where the graph holds a sample of the documents (documents_stored of the study), only these are listed and
// counted.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})
MATCH (d:Document {llm_mri: true, study: $study})
WHERE ($document IS NULL OR d.id = $document)
  AND ($text IS NULL OR toLower(d.title) CONTAINS toLower($text) OR toLower(d.excerpt) CONTAINS toLower($text)
       OR toLower(coalesce(d.source_id, '')) CONTAINS toLower($text))
  AND ($category IS NULL OR d.category = $category
       OR (d.category IS NULL AND EXISTS { (d)-[:IN_CATEGORY]->(:Category {llm_mri: true, study: $study, name: $category}) }))
WITH d
ORDER BY d.ordinal
WITH collect(d) AS found
WITH found[$skip..$skip + $limit] AS page, size(found) AS matches
UNWIND page AS d
OPTIONAL MATCH (d)-[i:IN_CATEGORY]->(c:Category)
WHERE $category IS NULL OR c.name = $category
WITH d, matches, sum(i.tokens) AS tokens
RETURN d.id AS document, d.category AS category, d.title AS title, d.excerpt AS excerpt, tokens, matches
ORDER BY d.ordinal
