// title: Overview of a study
// group: study
// question: What was scanned, how was it mapped, and where do the categories differ most?
// param: study     study   study to read
// returns: fact    string  what the value describes
// returns: value   string  its value in this study
//
// Documents that are nodes are given where the graph holds a sample of them. The numbers of documents of the
// categories are given as the smallest and the largest; so are, of a scan of tokens, their tokens, and documents are its texts. The most telling layer is the one of the largest divergence
// (see divergence), the first of those within 1e-9: descriptive, not a test. A study of components has none.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category)
WITH study, min(c.documents) AS fewest, max(c.documents) AS most, min(c.tokens) AS least, max(c.tokens) AS largest
OPTIONAL MATCH (study)<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)-[a:ACTIVATED_BY]->()
WITH study, fewest, most, least, largest, l, r, sum(a.share) / study.categories AS mean, sum(a.share * log(a.share)) AS inside
WITH study, fewest, most, least, largest, l,
     (sum(inside) / study.categories - sum(CASE WHEN mean > 0 THEN mean * log(mean) END)) / log(2) AS divergence
ORDER BY round(divergence * 1e9) DESC, l.index LIMIT 1
WITH [['name', study.name], ['study', study.id], ['model', study.model], ['site', study.site],
      ['pooling', study.pooling], ['corpus', study.corpus], ['documents', toString(study.documents)],
      ['tokens', toString(study.tokens)],
      ['documents that are nodes', toString(study.documents_stored)],
      ['categories', toString(study.categories)],
      ['documents of a category', toString(fewest) + ' to ' + toString(most)],
      ['tokens of a category', toString(least) + ' to ' + toString(largest)], ['atlas', study.atlas],
      ['layers', toString(study.layers)], ['regions', toString(study.regions)],
      ['connections, once for each category', toString(study.connections)],
      ['most telling layer', toString(l.index) + ' (' + l.name + ')'], ['made', study.created_at]] AS facts
UNWIND range(0, size(facts) - 1) AS i
WITH i, facts[i][0] AS fact, facts[i][1] AS value
WHERE value IS NOT NULL
RETURN fact, value
ORDER BY i
