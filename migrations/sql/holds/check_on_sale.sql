-- execute: cv_rules
-- Refuse unless this event sells now.
create or replace function app.check_on_sale(e public.event) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  if e.id is null or e.state = 'draft' then perform app.fail('UNKNOWN_EVENT', 404); end if;
  if e.state = 'cancelled' then perform app.fail('EVENT_CANCELLED'); end if;
  if e.starts_at < clock_timestamp() and e.sale_ends_at < clock_timestamp() then perform app.fail('EVENT_PAST'); end if;
  if e.state = 'stopped' then perform app.fail('SALE_STOPPED'); end if;
  if e.sale_starts_at > clock_timestamp() then
    perform app.fail('SALE_NOT_STARTED', 409, jsonb_build_object('sale_starts_at', e.sale_starts_at));
  end if;
  if e.sale_ends_at < clock_timestamp() then perform app.fail('SALE_ENDED'); end if;
end $$;
