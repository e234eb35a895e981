// title: Categories of a study
// group: study
// question: Which categories does a study compare, and how many documents has each?
// param: study      study     study to read
// returns: category  category  label of the category
// returns: documents int       documents of the category
// of-tokens: tokens  int       tokens of the category
// returns: part      float     documents of the category / documents of the study
//
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category)
RETURN c.name AS category, c.documents AS documents, c.tokens AS tokens,
       toFloat(coalesce(c.tokens, c.documents)) / coalesce(study.tokens, study.documents) AS part
ORDER BY category
