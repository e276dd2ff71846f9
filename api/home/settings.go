package home

import (
	"errors"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/templates"
)

// settings is /me/settings: one page with a section for each kind of thing that a person sets.
type settings struct {
	site     *web.Site
	sections []settingsSection // as they stand on the page
}

// settingsSection is a part of /me/settings, in a file of its own, settings_<name>.go. Its words are a template of its
// own, pages/settings_<name>.html, which templates.Settings has a field for.
type settingsSection interface {
	// name is that of the section in addresses: its heading has it as id, its forms post to settingsAction(name).
	name() string
	// fill gives the page what the section shows.
	fill(c echo.Context, who *web.Person, page *templates.Settings) error
	// post does what a form of the section says and answers where to go on: settingsDone says that it was done.
	post(c echo.Context, who *web.Person) (next string, err error)
}

const settingsPath = "/me/settings"

func settingsAction(section string) string { return settingsPath + "?section=" + section }

// settingsDone leads back to a section, which says the words settings.note.<note>.
func settingsDone(section, note string) string {
	return settingsPath + "?note=" + url.QueryEscape(note) + "#" + section
}

// settingsFault is a form of a section that was not filled in as it should be: the page comes again and says the words
// of a key about a field.
type settingsFault struct{ field, word string }

// Error is for logs.
func (f *settingsFault) Error() string { return "settings: " + f.field + ": " + f.word }

func (st *settings) routes() []web.Route {
	table := st.site.Form(settingsPath, st.site.SignedIn(st.getSettings), st.site.SignedIn(st.postSettings))
	for _, s := range st.sections {
		if more, has := s.(interface{ routes() []web.Route }); has { // pages of its own
			table = append(table, more.routes()...)
		}
	}
	return table
}

// getSettings answers GET /me/settings.
func (st *settings) getSettings(c echo.Context, who *web.Person) error {
	page, err := st.page(c, who)
	if err != nil {
		return err
	}
	page.Note = c.QueryParam("note")
	return web.Show(c, page)
}

func (st *settings) page(c echo.Context, who *web.Person) (templates.Settings, error) {
	page := templates.Settings{Page: st.site.FormPage(c)}
	page.NoIndex = true
	for _, s := range st.sections {
		if err := s.fill(c, who, &page); err != nil {
			return page, err
		}
	}
	return page, nil
}

// postSettings, POST /me/settings, is every form of the page.
func (st *settings) postSettings(c echo.Context, who *web.Person) error {
	for _, s := range st.sections {
		if s.name() != c.QueryParam("section") {
			continue
		}
		next, err := s.post(c, who)
		var fault *settingsFault
		if errors.As(err, &fault) {
			page, err := st.page(c, who)
			if err != nil {
				return err
			}
			page.Problem = &templates.SettingsProblem{Field: fault.field, Word: fault.word}
			return web.RefusedField(page)
		}
		if err != nil {
			return err
		}
		return web.SeeOther(c, next)
	}
	return settingsUnclear()
}

// settingsUnclear is the answer to a form that none of our pages has.
func settingsUnclear() error {
	return web.NewProblem(web.CodeUnreadable, "The form does not say what to do.")
}
