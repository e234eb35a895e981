// title: Specialised regions
// group: regions
// question: Which regions hold mostly one category?
// param: study            study        study to read
// param: category         category?    regions of this category only
// param: layer            layer?       regions of this layer only
// param: least_part       float = 0.5  smallest part of the region that belongs to the category
// param: least_documents  int = 10     fewest documents that the region holds
// param: limit            int = 50     most rows to return
// returns: region            region    id of the region
// returns: layer             layer     index of its layer
// returns: category          category  category that has this part of it
// returns: part              float     share of the category / sum of all categories' shares here
// returns: share             float     share of the category's documents that pass the region
// returns: weight            int       documents of the category that pass it
// returns: region_documents  int       documents of all categories that pass it
// of-tokens: region_tokens int      tokens of all categories that pass it
// returns: keywords          list      words of the region, most characteristic first
//
// A part is lift / number of categories: every category weighs the same, however many documents it has. A region of few
// documents is easily of one category by chance; nothing is tested here.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
WHERE ($layer IS NULL OR l.index = $layer) AND r.documents >= $least_documents
MATCH (r)-[a:ACTIVATED_BY]->(c:Category)
WHERE $category IS NULL OR c.name = $category
WITH r, a, c, a.lift / study.categories AS part
WHERE part >= $least_part - 1e-9
RETURN r.id AS region, r.layer AS layer, c.name AS category, part, a.share AS share, coalesce(a.tokens, a.documents) AS weight,
       r.documents AS region_documents, r.tokens AS region_tokens, r.keywords AS keywords
ORDER BY round(part * 1e9) DESC, weight DESC, layer, region, category LIMIT $limit
