// title: Regions that no category owns
// group: regions
// question: Which regions do the categories use equally?
// param: study            study     study to read
// param: layer            layer?    regions of this layer only
// param: most_part        float?    largest part of a region that a category may have; without it, 1.5 / categories
// param: least_documents  int = 10  fewest documents that the region holds
// param: limit            int = 50  most rows to return
// returns: region            region    id of the region
// returns: layer             layer     index of its layer
// returns: entropy           float     bits, entropy of the categories here; 0 is one category only
// returns: category          category  category with the largest part; of equal ones the first by name
// returns: part              float     share of that category / sum of all categories' shares here
// returns: categories        int       categories with a document here
// returns: region_documents  int       documents that pass it
// of-tokens: region_tokens int      tokens that pass it
// returns: keywords          list      words of the region, most characteristic first
//
// The regions with the highest entropy come first. A part is lift / number of categories, every category weighing the same,
// so without most_part no category uses the region more than one and a half times as much as the average.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
WHERE ($layer IS NULL OR l.index = $layer) AND r.documents >= $least_documents
MATCH (r)-[a:ACTIVATED_BY]->(c:Category)
WITH study, r, c.name AS category, a.lift / study.categories AS part
ORDER BY round(part * 1e9) DESC, category
WITH study, r, collect(category)[0] AS category, max(part) AS part, count(category) AS categories
WHERE part <= coalesce($most_part, 1.5 / study.categories) + 1e-9
RETURN r.id AS region, r.layer AS layer, r.entropy AS entropy, category, part, categories,
       r.documents AS region_documents, r.tokens AS region_tokens, r.keywords AS keywords
ORDER BY round(entropy * 1e9) DESC, region_documents DESC, layer, region LIMIT $limit
