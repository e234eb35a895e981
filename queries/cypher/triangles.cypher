// title: Feed-forward triangles
// group: motifs
// question: Through which three consecutive regions do more documents go than two independent steps imply?
// only: documents follows documents, each on its one route
// param: study     study        study to read
// param: category  category?    documents of this category only
// param: layer     layer?       triangles that begin in this layer only
// param: least     int = 2      fewest documents that go through all three
// param: limit     int = 50     most rows to return
// returns: source           region  id of the first region
// returns: middle           region  id of the region one layer later
// returns: target           region  id of the region two layers later
// returns: layer            layer   index of the first one's layer
// returns: documents        int     documents that go through all three
// returns: across           int     documents that go from the first to the last, through any region
// returns: expected         float   documents that two independent steps imply
// returns: excess           float   documents − expected
// returns: ratio            float   documents / expected
// returns: source_keywords  list    words of the first region, most characteristic first
// returns: middle_keywords  list    words of the middle one, most characteristic first
// returns: target_keywords  list    words of the last one, most characteristic first
//
// The feed-forward loop (Milo et al. 2002) over three layers: a → b, b → c, and the documents that are in both a and c. If
// where documents go from b did not depend on where they came from (a first-order Markov chain), then
// weight(a → b) · weight(b → c) / documents of b would take both steps. The largest excess comes first; values within
// 1e-9 count as equal. It is descriptive, not a test.
// A study of components has no rows: its regions hold no documents (see components).
// Where the graph holds a sample of the documents (documents_stored of the study), all numbers count these:
// about the same share of each category.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)<-[:PASSES]-(d:Document)
WHERE ($layer IS NULL OR l.index IN range($layer, $layer + 2)) AND ($category IS NULL OR d.category = $category)
WITH l, r, collect(d) AS inside
ORDER BY l.index
UNWIND inside AS d
WITH d, collect(r.id) AS way
UNWIND range(0, size(way) - 3) AS i
WITH way[i] AS a, way[i + 1] AS b, way[i + 2] AS c, count(d) AS documents
WITH a, b, sum(documents) AS arriving, collect({c: c, documents: documents}) AS ends
WITH b, sum(arriving) AS inside, collect({a: a, arriving: arriving, ends: ends}) AS starts
UNWIND starts AS start
UNWIND start.ends AS end
WITH b, inside, end.c AS c, sum(end.documents) AS leaving,
     collect({a: start.a, arriving: start.arriving, documents: end.documents}) AS starts
UNWIND starts AS start
WITH start.a AS a, c, sum(start.documents) AS across,
     collect({b: b, documents: start.documents, expected: toFloat(start.arriving) * leaving / inside}) AS middles
UNWIND middles AS m
WITH a, m.b AS b, c, m.documents AS documents, across, m.expected AS expected
WHERE documents >= $least
MATCH (s:Region {llm_mri: true, id: a})
WITH s, b, c, documents, across, expected, documents - expected AS excess
ORDER BY round(excess * 1e9) DESC, s.layer, a, b, c LIMIT $limit
MATCH (m:Region {llm_mri: true, id: b}), (t:Region {llm_mri: true, id: c})
RETURN s.id AS source, m.id AS middle, t.id AS target, s.layer AS layer, documents, across, expected, excess,
       documents / expected AS ratio, s.keywords AS source_keywords, m.keywords AS middle_keywords,
       t.keywords AS target_keywords
ORDER BY round(excess * 1e9) DESC, layer, source, middle, target
