-- execute: cv_app
-- All that a device must know to judge a code by itself, apart from the rights: where it stands, which gates and car
-- parks there are, and the public keys of its ground (so that a ticket for another day is told apart from a forged
-- one). Days are the ground's.
create or replace function app.gate_place(p_token bytea) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  d public.gate_device := app.device_of(p_token);
begin
  return (
    select jsonb_build_object(
      'device', jsonb_build_object('id', d.id, 'name', d.name,
                                   'expires_at', round(extract(epoch from d.expires_at) * 1000),
                                   'may_search', d.may_search, 'gates', to_jsonb(d.gates),
                                   'car_parks', to_jsonb(d.car_parks)),
      'stadium', jsonb_build_object('id', s.id, 'name', s.name, 'time_zone', s.time_zone),
      'event', case when e.id is not null then jsonb_build_object(
                 'id', e.id, 'name', e.name, 'starts_at', round(extract(epoch from e.starts_at) * 1000),
                 'gates_open_at', round(extract(epoch from e.gates_open_at) * 1000),
                 'ends_at', round(extract(epoch from e.ends_at) * 1000),
                 'day', to_char(e.starts_at at time zone s.time_zone, 'YYYY-MM-DD'), 'rotating', e.rotating_codes,
                 'layout', e.layout_id, 'cancelled', e.state = 'cancelled') end,
      'gates', (select coalesce(jsonb_agg(jsonb_build_object(
                         'id', g.id, 'code', g.code, 'name', g.name, 'zone', g.zone) order by g.code), '[]')
                  from public.gate g where g.stadium_id = s.id),
      'car_parks', (select coalesce(jsonb_agg(jsonb_build_object(
                             'id', c.id, 'name', c.name, 'zone', c.zone) order by c.id), '[]')
                      from public.car_park c where c.stadium_id = s.id),
      'keys', (select coalesce(jsonb_agg(jsonb_build_object(
                        'id', k.id, 'event', coalesce(k.event_id, 0), 'name', v.name,
                        'public', encode(k.public_key, 'hex'), 'revoked', k.revoked_at is not null,
                        'revoked_at', extract(epoch from k.revoked_at),
                        'day', to_char(v.starts_at at time zone s.time_zone, 'YYYY-MM-DD')) order by k.id), '[]')
                 from public.signing_key k left join public.event v on v.id = k.event_id
                where k.stadium_id = s.id
                  and (k.event_id is null or k.event_id = d.event_id
                       or v.starts_at between clock_timestamp() - interval '400 days'
                                          and clock_timestamp() + interval '400 days')))
      from public.stadium s left join public.event e on e.id = d.event_id where s.id = d.stadium_id);
end $$;
