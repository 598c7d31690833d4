-- execute: cv_app
-- Scans of a device, one or many, in the order in which the phone made them. All rights are locked first, in one order,
-- so that two phones that send the same tickets never wait for each other in a circle. See app.store_scan for a scan's
-- fields. Plans are kept by each connection, and at a ground's first gate the tables of scans are empty when they are
-- made: reading such a table whole would look best, and be slow an hour later.
create or replace function app.record_scans(p_token bytea, p_scans jsonb) returns table (verdict jsonb)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  d public.gate_device := app.device_of(p_token);
  s jsonb;
  v_rights uuid[];
begin
  if jsonb_array_length(p_scans) > 1 then
    select array_agg(y.id) into v_rights
      from (select (x ->> 'right')::uuid as id from jsonb_array_elements(p_scans) x where x ->> 'right' is not null
            union all select c.right_id from jsonb_array_elements(p_scans) x
                        join public.scan c on c.id = (x ->> 'of')::uuid
            union all select h.id from jsonb_array_elements(p_scans) x
                        join public.ticket h on h.event_id = d.event_id and h.hash = decode(x ->> 'hash', 'hex')
            union all select coalesce(q.ticket_id, q.pass_id) from jsonb_array_elements(p_scans) x
                        join public.qr_code q on q.hash = decode(x ->> 'hash', 'hex')) y;
    perform from public.ticket t where t.id = any (v_rights) and t.event_id = d.event_id order by t.id for update;
    perform from public.parking_pass p where p.id = any (v_rights) order by p.id for update;
  end if;
  for s in select x from jsonb_array_elements(p_scans) x loop
    verdict := app.store_scan(d, null, s);
    return next;
  end loop;
end $$;
