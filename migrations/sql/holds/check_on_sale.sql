-- execute: cv_rules
-- Refuse unless this event sells now.
create or replace function app.check_on_sale(e public.event) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  v_now timestamptz := clock_timestamp();
  v_sale text := app.sale_state(e.state, e.starts_at, e.sale_starts_at, e.sale_ends_at, v_now);
begin
  if v_sale = 'on_sale' and e.id is not null then return; end if;
  if e.id is null or v_sale = 'draft' then perform app.fail('UNKNOWN_EVENT', 404); end if;
  if v_sale = 'not_yet' then
    perform app.fail('SALE_NOT_STARTED', 409, jsonb_build_object('sale_starts_at', e.sale_starts_at));
  end if;
  perform app.fail(case v_sale when 'cancelled' then 'EVENT_CANCELLED' when 'past' then 'EVENT_PAST'
                               when 'stopped' then 'SALE_STOPPED' else 'SALE_ENDED' end);
end $$;
