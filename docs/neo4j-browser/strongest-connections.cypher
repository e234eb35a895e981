// LLM-MRI: strongest connections of a study
// First, as a command of its own:  :param study => 'demo'
MATCH (:Study {llm_mri: true, name: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO]->(t:Region)
WITH s, t, sum(e.weight) AS documents, collect(e) AS flows
ORDER BY documents DESC, s.id, t.id LIMIT 100
RETURN s, flows, t, documents
