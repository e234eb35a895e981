// LLM-MRI: connections that a category takes most
// First, as commands of their own:  :param study => 'demo'   and   :param category => 'law-plain'
MATCH (:Study {llm_mri: true, name: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(s:Region)
MATCH (s)-[e:FLOWS_TO {category: $category}]->(t:Region)
RETURN s, e, t
ORDER BY e.share DESC, s.id, t.id LIMIT 100
