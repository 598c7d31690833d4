-- execute: cv_worker
-- Mail whoever wanted to be told that a sale opens, once it is open, however often it was moved; where nothing will be
-- sold any more, they wait no longer. Returns how many mails were written down.
create or replace function app.tell_opening(p_limit int default 500) returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  r record;
  v_told int := 0;
begin
  for r in select w.id, w.email, x.sale
             from public.waiting_entry w join public.event e on e.id = w.event_id
            cross join lateral (select app.sale_state(e.state, e.starts_at, e.sale_starts_at, e.sale_ends_at) as sale) x
            where w.kind = 'opening' and w.state = 'waiting' and x.sale in ('on_sale', 'ended', 'past', 'cancelled')
            order by w.seq limit p_limit for update of w skip locked
  loop
    if r.sale = 'on_sale' then
      perform app.queue_mail('sale_open', r.email, null, 'sale_open:' || r.id, jsonb_build_object('entry', r.id));
      v_told := v_told + 1;
    end if;
    update public.waiting_entry set state = case r.sale when 'on_sale' then 'told' else 'over' end, closed_at = now()
     where id = r.id;
  end loop;
  return v_told;
end $$;
