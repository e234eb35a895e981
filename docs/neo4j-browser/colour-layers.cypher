// LLM-MRI: a second label for every region of a study, Layer0, Layer1 …, by which the style colours it
// First, as a command of its own:  :param study => 'demo'      It writes; with REMOVE instead of SET it takes them away again.
MATCH (:Study {llm_mri: true, name: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
SET r:$('Layer' + l.index)
