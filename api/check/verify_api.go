package check

import (
	"bytes"
	"mime"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/verifier"
)

func (d *Door) apiRoutes() []web.Route {
	return web.Post(web.APIPath+"/verify", d.postVerify)
}

// verifyRequest is the body of POST /verify as JSON (contract 5).
type verifyRequest struct {
	Input     string     `json:"input"`
	Recipient string     `json:"recipient"`
	Name      string     `json:"name"`
	At        *time.Time `json:"at"` // nil: now; the first moment of the calendar is a moment
	Record    bool       `json:"record"`
}

// verifyResponse is the report, with the signed record of it if that was asked for.
type verifyResponse struct {
	*verifier.Report
	Input  string `json:"input,omitempty"` // the address that was understood, where another text was sent
	Record string `json:"record,omitempty"`
}

// postVerify answers POST /api/v1/verify.
func (d *Door) postVerify(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if err := d.checks.Allow(c, web.Network(c)); err != nil {
		return err
	}
	in, keep, err := d.readVerify(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	sent := in
	if in.Name == "" && len(in.Data) <= retryMost {
		in.Data = []byte(d.typed(string(in.Data)))
	}
	w := verifyResponse{}
	if !bytes.Equal(in.Data, bytes.TrimSpace(sent.Data)) {
		w.Input = string(in.Data)
	}
	if in, w.Input, err = d.codes.instead(c, in, w.Input); err != nil {
		return err
	}
	report, err := d.verify(ctx, web.Network(c), in)
	if err != nil {
		return err
	}
	w.Report = report
	if keep {
		if w.Record, err = d.record(ctx, report, sent); err != nil {
			return err
		}
	}
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, web.EncodeJSON(w))
}

// readVerify reads a request of either kind, within the network's share; keep asks for a record.
func (d *Door) readVerify(c echo.Context) (in verifier.Input, keep bool, err error) {
	leave, err := d.shares.enter(c.Request().Context(), web.Network(c))
	if err != nil {
		return in, false, err
	}
	defer leave()
	media, parameters, _ := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if media == echo.MIMEMultipartForm {
		return d.readVerifyForm(c, parameters["boundary"])
	}
	body, err := web.ReadBody(c, web.VerifyBodyMost)
	if err != nil {
		return in, false, err
	}
	if err := web.WantJSON(c, body); err != nil {
		return in, false, err
	}
	var w verifyRequest
	faults, err := web.DecodeJSON(body, &w)
	if err != nil {
		return in, false, err
	}
	in = verifier.Input{Data: []byte(w.Input), Recipient: w.Recipient, Person: w.Name}
	if w.At != nil {
		if in.At = *w.At; !d.canJudgeAt(in.At) {
			faults = append(faults, refusal.Field{Pointer: "/at", Code: "bad_time", Detail: notJudgedAt})
		}
	}
	return in, w.Record, checkVerify(in, faults, "/input")
}

// canJudgeAt reports whether a badge can be judged as of a moment: nobody knows what will be withdrawn later, and
// before the year 1 is over there is nothing to tell from a moment that was not given.
func (d *Door) canJudgeAt(at time.Time) bool { return !at.IsZero() && !at.After(d.site.Now()) }

const notJudgedAt = "must not be later than now, since nobody knows what will be withdrawn"

// checkVerify refuses what is no request; whatever else the input is, the report tells.
func checkVerify(in verifier.Input, faults []refusal.Field, input string) error {
	if len(in.Data) == 0 && !web.HasFault(faults, input) {
		faults = append(faults, refusal.Field{Pointer: input, Code: "required", Detail: "is required"})
	}
	if in.Recipient != "" && !web.Readable(in.Recipient, emailMost) {
		faults = append(faults, refusal.Field{
			Pointer: "/recipient", Code: "bad_text", Detail: "must be an e-mail address",
		})
	}
	if in.Person != "" && !web.Readable(in.Person, nameMost) {
		faults = append(faults, refusal.Field{
			Pointer: "/name", Code: "bad_text", Detail: "must be a name of at most 200 characters",
		})
	}
	if len(faults) > 0 {
		return web.InvalidRequest(faults, nil)
	}
	return nil
}

const emailMost = 254 // characters, contract 3

// readVerifyForm reads the parts file or input, recipient, name, at and record.
func (d *Door) readVerifyForm(c echo.Context, boundary string) (in verifier.Input, keep bool, err error) {
	if c.Request().ContentLength > web.VerifyBodyMost {
		return in, false, web.BodyTooLarge(web.VerifyBodyMost)
	}
	if boundary == "" {
		return in, false, web.Unreadable("The form names no boundary.")
	}
	body := http.MaxBytesReader(c.Response().Writer, c.Request().Body, web.VerifyBodyMost)
	var faults []refusal.Field
	seen := map[string]bool{}
	err = web.EachPart(body, boundary, web.VerifyBodyMost, func(name, file string, data []byte) {
		if code, problem := d.takePart(&in, &keep, seen, name, file, data); problem != "" {
			faults = append(faults, refusal.Field{
				Pointer: "/" + web.EscapePointer(name), Code: code, Detail: problem,
			})
		}
		seen[name] = true
	})
	if err != nil {
		return in, false, err
	}
	return in, keep, checkVerify(in, faults, "/file")
}

func (d *Door) takePart(in *verifier.Input, keep *bool, seen map[string]bool, name, file string, data []byte) (code, problem string) {
	if seen[name] {
		return "duplicate_member", "occurs twice"
	}
	switch name {
	case "file", "input":
		if len(in.Data) > 0 && len(data) > 0 {
			return "duplicate_member", "comes with another document"
		}
		if len(data) > 0 {
			in.Data, in.Name = data, file
		}
	case "recipient":
		in.Recipient = string(data)
	case "name":
		in.Person = string(data)
	case "record":
		*keep = string(data) == "true"
		if !*keep && string(data) != "false" && len(data) > 0 {
			return "bad_value", "must be true or false"
		}
	case "at":
		at, err := web.ReadTime(string(data))
		if err != nil && len(data) > 0 {
			return "bad_time", web.NotATime
		}
		if err == nil && !d.canJudgeAt(at) {
			return "bad_time", notJudgedAt
		}
		in.At = at
	default:
		return "unknown_member", "is not known"
	}
	return "", ""
}
