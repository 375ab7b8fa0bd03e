from django.urls import URLPattern, path

from zhike.web.settings import audit, backups, care, company, departments, fields, leaving, people, roles, room, rule_pages, sources

urlpatterns: list[URLPattern] = [
    path("settings/", room.settings, name="settings"),
    path("settings/people/", people.people, name="settings-people"),
    path("settings/people/new/", people.person_new, name="settings-people-new"),
    path("settings/people/<int:pk>/", people.person, name="settings-person"),
    path("settings/people/<int:pk>/access/", people.person_access, name="settings-person-access"),
    path("settings/people/<int:pk>/training/", people.person_training, name="settings-person-training"),
    path("settings/people/<int:pk>/absence/", leaving.person_absence, name="settings-person-absence"),
    path("settings/people/<int:pk>/leave/", leaving.person_leave, name="settings-person-leave"),
    path("settings/people/<int:pk>/return/", people.person_return, name="settings-person-return"),
    path("settings/departments/", departments.departments, name="settings-departments"),
    path("settings/departments/<int:pk>/", departments.department, name="settings-department"),
    path("settings/roles/", roles.roles, name="settings-roles"),
    path("settings/roles/new/", roles.role_new, name="settings-role-new"),
    path("settings/roles/<int:pk>/", roles.role, name="settings-role"),
    path("settings/fields/", fields.fields, name="settings-fields"),
    path("settings/fields/new/", fields.field_new, name="settings-field-new"),
    path("settings/fields/template/", fields.field_template, name="settings-field-template"),
    path("settings/fields/<int:pk>/", fields.field, name="settings-field"),
    path("settings/fields/<int:pk>/retire/", fields.field_retire, name="settings-field-retire"),
    path("settings/sources/", sources.sources, name="settings-sources"),
    path("settings/sources/<int:pk>/", sources.source, name="settings-source"),
    path("settings/grades/", rule_pages.grades, name="settings-grades"),
    path("settings/care/", care.care, name="settings-care"),
    path("settings/protection/", rule_pages.protection, name="settings-protection"),
    path("settings/company/", company.company, name="settings-company"),
    path("settings/audit/", audit.audit_trail, name="settings-audit"),
    path("settings/backup/", backups.backups, name="settings-backup"),
    path("settings/backup/<str:name>/", backups.download, name="settings-backup-download"),
]
