// LLM-MRI: connections in which two categories differ most
// First, as commands of their own:  :param study => 'demo'   and   :param category => 'law-plain'   and   :param versus => 'law-technical'
MATCH (:Study {llm_mri: true, name: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO]->(t:Region)
WHERE e.category IN [$category, $versus]
WITH s, t, collect(e) AS flows, sum(CASE e.category WHEN $category THEN e.share ELSE -e.share END) AS difference
ORDER BY round(abs(difference) * 1e9) DESC, s.id, t.id LIMIT 60
RETURN s, flows, t, difference
