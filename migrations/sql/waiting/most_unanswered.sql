-- execute: cv_app, cv_worker, cv_rules
-- A setting: with so many offers left without an answer somebody leaves the waiting list.
create or replace function app.most_unanswered() returns int language sql immutable parallel safe
return 2;
