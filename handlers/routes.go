package handlers

import (
	"io"
	"net/http"

	"attune/handlers/api"
	"attune/handlers/respond"

	"github.com/labstack/echo/v4"
)

// Roles of users.
const (
	admin   = "admin"
	manager = "manager"
	hr      = "hr"
	auditor = "auditor"
)

// routes is the whole server on one page, grouped by who may call.
func (con *console) routes(respondents, programs http.Handler) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(io.Discard) // echo's own lines could carry addresses
	e.IPExtractor = echo.ExtractIPDirect()
	e.HTTPErrorHandler = con.failed

	// Respondents: no session, no middleware, no log.
	for _, pattern := range respond.Routes() {
		e.Any(pattern, echo.WrapHandler(respondents))
	}

	// Programs of others, with a token: released figures, read-only. No
	// session, no cookie, no log.
	for _, pattern := range api.Routes() {
		e.Match([]string{http.MethodGet, http.MethodHead}, pattern, echo.WrapHandler(programs))
	}
	e.Any("/api/*", echo.WrapHandler(programs)) // says what is wrong, in its own form

	// Everybody.
	e.GET("/", con.front)
	e.GET("/static/*", con.asset)
	e.HEAD("/static/*", con.asset)
	e.Match([]string{http.MethodGet, http.MethodHead}, "/brand/:hash/accent.css", con.accentFile)
	e.Match([]string{http.MethodGet, http.MethodHead}, "/brand/:hash/logo.png", con.logoFile)

	// Everybody who works here: no session, no cookie, no log.
	e.GET("/r/:key", con.results, con.staffOnly)
	e.HEAD("/r/:key", con.results, con.staffOnly)
	e.Match([]string{http.MethodGet, http.MethodHead}, "/waves.ics", con.calendar, con.staffOnly)
	e.GET("/log/:wave", con.promise, con.staffOnly)
	e.GET("/log/:wave/client.json", con.client, con.staffOnly)

	// Whoever got a mail and wants no more: the token can do nothing else.
	e.Match([]string{http.MethodGet, http.MethodHead}, "/u/:token", con.unsubscribeForm, con.recovered, headers)
	e.POST("/u/:token", con.unsubscribe, con.recovered, headers, bounded)

	g := e.Group("/console", con.recovered, headers, con.sameOrigin(), bounded)

	g.RouteNotFound("", con.noRoute)
	g.RouteNotFound("/*", con.noRoute)

	// Whoever wants to sign in.
	g.GET("/sign-in", con.signInForm)
	g.POST("/sign-in", con.signIn)
	g.POST("/language", con.chooseLanguage)

	// Whoever is signed in.
	g.POST("/sign-out", con.signOut)
	g.GET("/password", con.anyone(con.passwordForm))
	g.POST("/password", con.anyone(con.changePassword))
	g.GET("", con.only(con.home, admin, hr, manager, auditor))

	// Figures. Managers: their own part; HR: everything. Administrators see
	// none, unless they are one of the two as well.
	g.GET("/teams/:unit", con.only(con.team, hr, manager))
	g.GET("/teams/:unit/share", con.only(con.sharePage, hr, manager))
	g.GET("/teams/:unit/answers", con.only(con.spread, hr, manager))
	g.GET("/teams/:unit/events", con.only(naming(con.eventsPage), admin, hr, manager))
	g.POST("/teams/:unit/events", con.only(naming(con.addEvent), admin, manager))
	g.POST("/teams/:unit/events/remove", con.only(naming(con.removeEvent), admin, manager))
	g.GET("/units", con.only(con.heat, hr, manager))
	g.GET("/waves", con.only(con.wavesPage, admin, hr, manager))
	g.GET("/guides", con.only(con.guidesPage, admin, hr, manager))
	g.GET("/guides/:guide", con.only(con.guidePage, admin, hr, manager))

	// What is done about the results. HR reads; managers write for their own
	// part, administrators everywhere. No figure stands here.
	g.GET("/actions", con.only(con.actionsPage, admin, hr, manager))
	g.POST("/actions", con.only(con.addAction, admin, manager))
	g.GET("/actions/new", con.only(con.newAction, admin, manager))
	g.POST("/actions/shared", con.only(con.shareResults, admin, manager))
	g.GET("/actions/:action", con.only(con.actionPage, admin, hr, manager))
	g.POST("/actions/:action", con.only(con.saveAction, admin, manager))
	g.POST("/actions/:action/undo", con.only(con.undoAction, admin, manager))
	g.POST("/actions/:action/comments", con.only(con.commentAction, admin, manager))
	g.POST("/actions/:action/comments/remove", con.only(con.uncommentAction, admin, manager))
	g.POST("/actions/:action/remove", con.only(con.removeAction, admin, manager))
	g.GET("/teams/:unit/actions", con.only(con.unitActionsPage, admin, hr, manager))
	g.GET("/teams/:unit/notes/:wave", con.only(con.notePage, admin, hr, manager))
	g.POST("/teams/:unit/notes/:wave", con.only(con.saveNote, admin, manager))
	g.GET("/teams/:unit/notes/:wave/preview", con.only(con.previewNote, admin, hr, manager))
	g.POST("/teams/:unit/notes/:wave/publish", con.only(con.publishNote, admin, manager))
	g.POST("/teams/:unit/notes/:wave/withdraw", con.only(con.withdrawNote, admin, manager))

	// After a serious incident.
	g.GET("/incidents", con.only(naming(con.incidentsPage), admin, manager))
	g.POST("/incidents", con.only(naming(con.offerIncident), admin, manager))
	g.POST("/incidents/preview", con.only(naming(con.incidentStep), admin, manager))
	g.POST("/incidents/:offer/end", con.only(naming(con.endIncident), admin, manager))
	g.GET("/incidents/:offer/sheet", con.only(naming(con.incidentSheet), admin, manager))

	// What leaders answer by name. HR reads; managers and administrators
	// answer, managers for their own part.
	g.GET("/leaders", con.only(naming(con.leadersPage), admin, hr, manager))
	g.POST("/leaders", con.only(naming(con.startAudit), admin, manager))
	g.GET("/leaders/packs/:pack", con.only(naming(con.leaderPackPage), admin, hr, manager))
	g.GET("/leaders/audits/:audit", con.only(naming(con.answersPage), admin, hr, manager))
	g.GET("/leaders/audits/:audit/experience", con.only(con.experiencePage, hr, manager))
	g.GET("/leaders/audits/:audit/blocks/:block", con.only(naming(con.blockPage), admin, manager))
	g.POST("/leaders/audits/:audit/entries/:entry", con.only(naming(con.saveAnswer), admin, manager))
	g.POST("/leaders/audits/:audit/entries/:entry/undo", con.only(naming(con.undoAnswer), admin, manager))
	g.POST("/leaders/audits/:audit/discard", con.only(naming(con.discardAudit), admin, manager))
	g.POST("/leaders/audits/:audit/finish", con.only(naming(con.finishAudit), admin, manager))

	g.GET("/waves/:wave/poster", con.only(con.posterPage, admin, hr, manager, auditor))
	g.GET("/waves/:wave/poster.pdf", con.only(con.posterPDF, admin, hr, manager, auditor))

	// Auditors: everything that was promised, and no figure and nobody.
	g.GET("/audit", con.only(con.audit, admin, auditor))
	g.GET("/audit/attune-audit.json", con.only(con.auditFile, admin, auditor))
	g.GET("/audit/evidence.zip", con.only(con.evidence, admin, auditor))
	g.GET("/audit/actions", con.only(con.deedsPage, admin, auditor))
	g.GET("/audit/actions/attune-actions.csv", con.only(con.deedsCSV, admin, auditor))
	g.GET("/audit/:wave", con.only(con.auditWave, admin, auditor))

	// Administrators: what comes next and what needs somebody.
	g.GET("/administration", con.only(con.administration, admin))

	// Administrators: who belongs where.
	g.GET("/organisation", con.only(con.organisationPage, admin))
	g.GET("/organisation/:unit", con.only(con.placePage, admin))
	g.GET("/organisation/:unit/change", con.only(con.reshapeStep, admin))
	g.POST("/organisation/:unit/change", con.only(con.reshapeUnit, admin))
	g.GET("/people", con.only(con.peoplePage, admin))
	g.GET("/people/new", con.only(con.personPage, admin))
	g.POST("/people/new", con.only(con.savePerson, admin))
	g.GET("/people/import", con.only(con.importPage, admin))
	e.POST(peoplePath+"/import", con.only(con.readPeople, admin), con.recovered, headers, con.sameOrigin())      // with a bound of its own
	e.POST(peoplePath+"/import/take", con.only(con.takePeople, admin), con.recovered, headers, con.sameOrigin()) // the same
	g.GET("/people/:person", con.only(con.personPage, admin))
	g.POST("/people/:person", con.only(con.savePerson, admin))
	g.POST("/people/:person/leave", con.only(con.dropPerson, admin))

	// Administrators: what is asked when. A wave is announced, and ended, by
	// hand here, or by the clock where a programme leads it.
	g.GET("/programmes", con.only(con.programmesPage, admin))
	g.GET("/programmes/new", con.only(con.newProgramme, admin))
	g.POST("/programmes/new", con.only(con.sendProgramme, admin))
	g.GET("/programmes/:programme/change", con.only(con.changeProgramme, admin))
	g.POST("/programmes/:programme/change", con.only(con.sendProgramme, admin))
	g.POST("/programmes/:programme/pause", con.only(con.pauseProgramme, admin))
	g.POST("/programmes/:programme/resume", con.only(con.resumeProgramme, admin))
	g.POST("/programmes/:programme/stop", con.only(con.stopProgramme, admin))
	g.GET("/waves/plan", con.only(con.planPage, admin))
	g.POST("/waves/plan", con.only(con.planWave, admin))
	g.GET("/waves/:wave/steps", con.only(con.stepsPage, admin))
	g.POST("/waves/:wave/announce", con.only(con.announceWave, admin))
	g.POST("/waves/:wave/void", con.only(con.voidWave, admin))

	// Administrators: who signs in.
	g.GET("/users", con.only(con.usersPage, admin))
	g.POST("/users", con.only(con.addUser, admin))
	g.GET("/users/:user", con.only(con.userPage, admin))
	g.POST("/users/:user", con.only(con.changeUser, admin))
	g.POST("/users/:user/password", con.only(con.renewPassword, admin))
	g.POST("/users/:user/sign-out", con.only(con.endUserSessions, admin))
	g.POST("/users/:user/remove", con.only(con.removeUser, admin))

	// Administrators: what can be asked, and whom people can turn to.
	g.GET("/packs", con.only(con.packsPage, admin))
	g.GET("/packs/:pack/:version", con.only(con.pack, admin))
	g.GET("/packs/:pack/:version/phone", con.only(con.packPhone, admin))
	g.POST("/packs/:pack/:version/remove", con.only(con.removePack, admin))
	e.POST(packsPath, con.only(con.addPack, admin), con.recovered, headers, con.sameOrigin()) // with a bound of its own
	g.GET("/system", con.only(con.systemPage, admin))
	g.POST("/system/mail", con.only(con.testMail, admin))
	g.GET("/branding", con.only(con.brandingPage, admin))
	g.GET("/branding/sample/:colour", con.only(con.accentSample, admin))
	g.POST("/branding/name", con.only(con.saveName, admin))
	g.POST("/branding/colour", con.only(con.saveAccent, admin))
	g.POST("/branding/logo/remove", con.only(con.removeLogo, admin))
	g.POST("/branding/languages", con.only(con.saveLanguages, admin))
	g.POST("/branding/undo", con.only(con.undoBranding, admin))
	e.POST(brandingPath+"/logo", con.only(con.saveLogo, admin), con.recovered, headers, con.sameOrigin()) // with a bound of its own
	g.GET("/contacts", con.only(con.contactsPage, admin))
	g.GET("/contacts/attune-contacts.csv", con.only(con.contactsFile, admin))
	e.POST(contactsPath, con.only(con.readContacts, admin), con.recovered, headers, con.sameOrigin())               // with a bound of its own
	e.POST(contactsPath+"/replace", con.only(con.replaceContacts, admin), con.recovered, headers, con.sameOrigin()) // the same

	// Integrations: HR makes tokens, since a token reads figures;
	// administrators see that they are there, and can revoke them.
	g.GET("/integrations", con.only(con.integrationsPage, admin, hr))
	g.POST("/integrations/tokens", con.only(con.addToken, hr))
	g.POST("/integrations/webhooks", con.only(con.addWebhook, admin))
	g.POST("/integrations/webhooks/test", con.only(con.testWebhook, admin))
	g.POST("/integrations/webhooks/remove", con.only(con.removeWebhook, admin))
	g.POST("/integrations/tokens/revoke", con.only(con.revokeToken, admin, hr))

	// HR.
	g.GET("/associations", con.only(con.associations, hr))
	g.GET("/export", con.only(con.exportPage, hr))
	g.GET("/export/download", con.only(con.exportDownload, hr))
	g.POST("/export/make", con.only(con.makeExport, hr)) // in the background, where it takes long
	g.GET("/export/job", con.only(con.exportJob, hr))
	g.GET("/export/progress", con.only(con.exportProgress, hr))
	g.GET("/export/file", con.only(con.exportFile, hr))
	g.POST("/export/cancel", con.only(con.cancelExport, hr))

	// Whoever is signed in to a demonstration.
	if con.demo != nil {
		g.POST("/demo/advance", con.only(con.advance, admin, hr, manager))
	}
	if con.demo != nil && con.demo.Mail != "" {
		g.GET("/demo/mail", con.only(con.demoMail, admin, hr, manager))
		g.GET("/demo/mail/:name", con.only(con.demoMailText, admin, hr, manager))
	}
	return e
}
