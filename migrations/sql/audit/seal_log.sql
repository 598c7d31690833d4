-- execute: cv_worker
-- One sealer at a time: give unsealed rows of every stream their number and their link in the chain. Returns how many.
create or replace function app.seal_log(p_limit int default 2000) returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  r public.system_log;
  v_seq bigint;
  v_prev bytea;
  v_stream int;
  v_done int := 0;
begin
  if not pg_try_advisory_xact_lock(727201) then return 0; end if;
  for r in select * from public.system_log where seq is null order by stream, id limit p_limit loop
    if v_stream is distinct from r.stream then
      v_stream := r.stream;
      select l.seq, l.hash into v_seq, v_prev from public.system_log l
       where l.stream = r.stream and l.seq is not null order by l.seq desc limit 1;
    end if;
    v_seq := coalesce(v_seq, 0) + 1;
    update public.system_log set seq = v_seq, prev_hash = coalesce(v_prev, '\x'), hash = app.log_hash(v_seq, v_prev, r)
     where id = r.id
      returning hash into v_prev;
    v_done := v_done + 1;
  end loop;
  return v_done;
end $$;
