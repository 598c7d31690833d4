-- execute: cv_app
-- Staff stop a sale, or let it go on. Holds that exist may still be paid.
create or replace function app.set_sale_state(p_event int, p_state text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  e public.event;
begin
  select * into e from public.event ev where ev.id = p_event and ev.stadium_id = any (app.staff_of()) for no key update;
  if e.id is null then perform app.fail('UNKNOWN_EVENT', 404); end if;
  if p_state not in ('on_sale', 'stopped') then perform app.fail('MALFORMED', 422); end if;
  if e.state = 'cancelled' then perform app.fail('EVENT_CANCELLED'); end if;
  if e.state = 'draft' then perform app.fail('EVENT_DRAFT'); end if;
  if e.state = p_state then return; end if;
  update public.event set state = p_state where id = e.id;
  perform app.log(e.stadium_id, case p_state when 'stopped' then 'sale.stopped' else 'sale.resumed' end, 'event',
                  e.id::text);
end $$;
