// title: Connectivity matrix
// group: connections
// question: How many documents go from each region of a layer to each region of the next?
// param: study       study       study to read
// param: layer       layer?      connections that leave this layer only
// param: category    category?   documents of this category only
// param: versus      category?   with a category: its difference from this one instead of from the mean of all others
// param: limit       int = 100000  most rows to return
// returns: source      region    id of the region it leaves: the row of the matrix
// returns: target      region    id of the region it reaches, one layer later: the column
// returns: layer       layer     index of the layer it leaves
// of-documents: documents   int       documents that take it
// of-tokens: tokens   int       tokens that take it
// returns: part        float?    documents / documents of the region it leaves
// returns: share       float     documents / documents of the category; of all categories the largest such share
// returns: most        category  category with the largest share
// returns: spread      float     largest − smallest share of a category, from 0 to 1
// returns: difference  float?    share of the given category − that of the other one, or the mean of all others
// returns: source_keywords list  words of the region it leaves, most characteristic first
// returns: target_keywords list  words of the region it reaches, most characteristic first
// view: graph
//
// The matrix in long form: a pair of regions that no document takes has no row, and is 0. If a category is given, documents,
// part and share are of its documents alone; part is empty where it has none in the region that the connection leaves.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category)
WHERE study.atlas <> 'components'
WITH study, count(c) AS categories
MATCH (study)<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO]->(t:Region)
WHERE $layer IS NULL OR l.index = $layer
WITH categories, s, t, e ORDER BY e.category
WITH categories, s, t, collect({category: e.category, share: e.share}) AS taken, max(e.share) AS most_share,
     min(e.share) AS smallest, sum(e.share) AS total,
     sum(CASE WHEN $category IS NULL OR e.category = $category THEN e.weight ELSE 0 END) AS documents,
     sum(CASE WHEN e.category = $category THEN e.share ELSE 0.0 END) AS asked,
     sum(CASE WHEN e.category = $versus THEN e.share ELSE 0.0 END) AS other
WITH categories, s, sum(documents) AS leaving,
     collect({id: t.id, keywords: t.keywords, documents: documents, largest: most_share, asked: asked, other: other,
              total: total, smallest: CASE WHEN size(taken) < categories THEN 0.0 ELSE smallest END,
              most: [c IN taken WHERE c.share = most_share | c.category][0]}) AS pairs
UNWIND pairs AS pair
RETURN s.id AS source, pair.id AS target, s.layer AS layer, pair.documents AS documents,
       pair.documents AS tokens,
       CASE WHEN leaving > 0 THEN toFloat(pair.documents) / leaving END AS part,
       CASE WHEN $category IS NULL THEN pair.largest ELSE pair.asked END AS share,
       pair.most AS most, pair.largest - pair.smallest AS spread,
       CASE WHEN $category IS NULL THEN null
            WHEN $versus IS NOT NULL THEN pair.asked - pair.other
            WHEN categories > 1 THEN pair.asked - (pair.total - pair.asked) / (categories - 1) END AS difference,
       s.keywords AS source_keywords, pair.keywords AS target_keywords
ORDER BY documents DESC, layer, source, target LIMIT $limit
