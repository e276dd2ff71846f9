package api

import (
	"net/http"

	"github.com/open-insignia/insignia/issuer/programme"
)

// getExams answers with the exams as the programme file writes them.
func (s *Server) getExams(q *call) (answer, error) {
	p, err := s.programme(q)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, newPage(append([]programme.Exam{}, p.Exams...), "")}, nil
}

// getCertifications answers with the certifications as the programme file writes them.
func (s *Server) getCertifications(q *call) (answer, error) {
	p, err := s.programme(q)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, newPage(append([]programme.Certification{}, p.Certifications...), "")}, nil
}

// programme is the newest version; before the first there is nothing in it.
func (s *Server) programme(q *call) (*programme.Programme, error) {
	h, err := s.o.Issuer.History(q.Request().Context())
	if err != nil {
		return nil, err
	}
	if len(h) == 0 {
		return new(programme.Programme), nil
	}
	return h.Latest().Programme, nil
}
