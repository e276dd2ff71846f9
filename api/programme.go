package api

import (
	"net/http"

	"github.com/open-insignia/insignia/issuer/programme"
)

// getExams answers with the exams as the programme file writes them: what PUT takes.
func (s *Server) getExams(q *call) (answer, error) {
	p, err := s.programme(q)
	return answer{http.StatusOK, newPage(append([]programme.Exam{}, p.Exams...), "")}, err
}

// getCertifications answers with the certifications as the programme file writes them.
func (s *Server) getCertifications(q *call) (answer, error) {
	p, err := s.programme(q)
	return answer{http.StatusOK, newPage(append([]programme.Certification{}, p.Certifications...), "")}, err
}

// programme is the newest version; before the first there is nothing in it.
func (s *Server) programme(q *call) (*programme.Programme, error) {
	h, err := s.o.Issuer.History(q.Request().Context())
	if err != nil || len(h) == 0 {
		return new(programme.Programme), err
	}
	return h.Latest().Programme, nil
}
