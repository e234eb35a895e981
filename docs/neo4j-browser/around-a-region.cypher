// LLM-MRI: a region, what leads to it and from it, and whose it is
// First, as commands of their own:  :param study => 'demo'   and   :param region => 'L3/R5'
MATCH (study:Study {llm_mri: true, name: $study, status: 'ready'})
MATCH (r:Region {llm_mri: true, id: study.id + '/' + $region})-[a:ACTIVATED_BY]->(c:Category)
WITH r, collect(a) AS uses, collect(c) AS categories
MATCH (r)-[e:FLOWS_TO]-(n:Region)
RETURN r, uses, categories, collect(e) AS flows, collect(DISTINCT n) AS neighbours
