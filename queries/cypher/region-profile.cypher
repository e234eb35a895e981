// title: Profile of a region
// group: regions
// question: Which categories use this region, and more or less than the others do?
// param: study     study        study to read
// param: region    region       region to describe
// returns: category   category  label of the category
// returns: documents  int       its documents in the region
// of-tokens: tokens   int       its tokens in the region
// returns: share      float     share of the category's documents that pass the region
// returns: lift       float     that share / mean of all categories' shares; 1 is no more and no less than all
//
// A category that never passes the region is listed with zeros.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category)
WHERE study.atlas <> 'components'
OPTIONAL MATCH (:Region {llm_mri: true, id: $region})-[a:ACTIVATED_BY]->(c)
RETURN c.name AS category, coalesce(a.documents, 0) AS documents, coalesce(a.tokens, 0) AS tokens, coalesce(a.share, 0.0) AS share,
       coalesce(a.lift, 0.0) AS lift
ORDER BY share DESC, category
