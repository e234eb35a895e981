// LLM-MRI: the regions that a document passes, layer by layer
// First, as commands of their own:  :param study => 'demo'   and   :param document => 0   (its place in the corpus)
MATCH (study:Study {llm_mri: true, name: $study, status: 'ready'})<-[:PART_OF]-(c:Category)
MATCH (c)<-[i:IN_CATEGORY]-(d:Document {llm_mri: true, id: study.id + '/D' + $document})
MATCH (d)-[p:PASSES]->(r:Region)
RETURN d, i, c, p, r
ORDER BY p.layer
