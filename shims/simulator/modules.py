"""What the pipelines beside the monolith must hold: the modules and the microservices.

Pipeline -> rows that an arrival's update writes, what its rules count, what is in quarantine, gold's rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from simulator import cases, requests
from simulator.cases import Service
from simulator.counting import rule_counts
from simulator.places import CANTONS
from simulator.requests import Module, PlantedRequest
from simulator.settings import SimulatorSettings, day_of

Expected = dict[str, Any]
Rows = list[dict[str, Any]]
CONTRACT_OF_CALLS = ("llamada_id_present", "estado_present", "estado_known", "version_present")


def pipelines(settings: SimulatorSettings, arrival: int) -> Expected:
    """After an arrival."""
    return {
        "core": _core(),
        "rescate": _module(settings, "rescate", arrival, _by_region(settings, arrival)),
        "adopcion": _module(settings, "adopcion", arrival, _until_adoption(settings, arrival)),
        "ms_auxilio": _auxilio(settings, arrival),
        "ms_rescate": _rescate(settings, arrival),
    }


def _core() -> Expected:
    count = sum(map(len, CANTONS.values()))
    columns = ("provincia", "canton", "latitud", "longitud", "codigo_provincia", "codigo_canton", "cabecera")
    names = tuple(f"{column}_present" for column in columns)
    return {
        "rows_written": {"core.regiones": count},
        "rules": {"core.regiones": rule_counts(names, [()] * count)},
        "quarantined": {},
        "gold": {},
    }


def _module(settings: SimulatorSettings, module: Module, arrival: int, gold: Expected) -> Expected:
    brought = requests.sent(settings, module, arrival)
    broken = [request.broken for request in brought]
    unreadable = [("request_readable",) if "solicitud_id_present" in names else () for names in broken]
    rules = {
        f"{module}_bronze.solicitudes_raw": rule_counts(("request_readable",), unreadable),
        "solicitudes_validas": rule_counts((*requests.PROMISES[module], *requests.WARNINGS[module]), broken),
    }
    if module == "adopcion":
        gold_rows = gold["adopcion_gold.tiempo_hasta_adopcion"]
        rules["adopcion_gold.tiempo_hasta_adopcion"] = rule_counts(("rescued_before",), [()] * len(gold_rows))
    refused = [request for request in brought if request.refused]
    facts = {f"{module}_gold.hechos_de_{module}": _accepted(brought)}
    if module == "adopcion":
        facts["adopcion_gold.rescates_pedidos"] = _accepted(requests.sent(settings, "rescate", arrival))
    return {
        "rows_written": {
            f"{module}_bronze.solicitudes_raw": len(brought),
            f"{module}_silver.solicitudes": _accepted(brought),
            f"{module}_silver.solicitudes_cuarentena": len(refused),
        }
        | facts
        | {table: len(rows) for table, rows in gold.items()},
        "rules": rules,
        "quarantined": _reasons(
            f"{module}_silver.solicitudes_cuarentena",
            (set(r.broken) & set(requests.PROMISES[module]) for r in _all(settings, module, arrival)),
        ),
        "gold": gold,
    }


def _accepted(brought: Iterable[PlantedRequest]) -> int:
    return sum(not (request.refused or request.again) for request in brought)


def _all(settings: SimulatorSettings, module: Module, arrival: int) -> Iterable[PlantedRequest]:
    return (r for number in range(1, arrival + 1) for r in requests.sent(settings, module, number))


def _by_region(settings: SimulatorSettings, arrival: int) -> dict[str, Rows]:
    groups: Counter[tuple[str, str, str]] = Counter()
    urgent: Counter[tuple[str, str, str]] = Counter()
    for request in requests.kept(settings, "rescate", arrival):
        group = (day_of(request.moment).isoformat(), request.province, request.told_species)
        groups[group] += 1
        urgent[group] += request.urgency == "alta"
    return {
        "rescate_gold.solicitudes_por_region": [
            {"fecha": f, "provincia": p, "especie": e, "solicitudes": n, "urgentes": urgent[f, p, e]}
            for (f, p, e), n in sorted(groups.items())
        ]
    }


def _until_adoption(settings: SimulatorSettings, arrival: int) -> dict[str, Rows]:
    known = {request.request_id for request in requests.kept(settings, "rescate", arrival)}
    hours: dict[tuple[str, str], list[int | None]] = defaultdict(list)
    for request in requests.kept(settings, "adopcion", arrival):
        group, rescue = (day_of(request.moment).isoformat(), request.told_species), request.rescue
        if rescue and rescue.request_id in known:
            hours[group].append(int((request.moment - rescue.moment).total_seconds() // 3600))
        else:
            hours[group].append(None)
    return {
        "adopcion_gold.tiempo_hasta_adopcion": [
            {
                "fecha": day,
                "especie": species,
                "solicitudes": len(waits),
                "sin_rescate": waits.count(None),
                "horas_promedio": _mean(hour for hour in waits if hour is not None),
            }
            for (day, species), waits in sorted(hours.items())
        ]
    }


def _auxilio(settings: SimulatorSettings, arrival: int) -> Expected:
    expected = _service(settings, "auxilio", arrival, "llamadas")
    calls = cases.states(settings, "auxilio", arrival)
    valid = [()] * sum(not event.broken for event in cases.sent(settings, "auxilio", arrival))
    for table in ("llamadas", "llamadas_historia"):
        expected["rules"][f"ms_auxilio_silver.{table}"] = rule_counts(CONTRACT_OF_CALLS, valid)
    groups: dict[tuple[str, str], list[cases.Row]] = defaultdict(list)
    for call in calls:
        if "provincia" in call:
            groups[_day(call["recibida"]), call["provincia"]].append(call)
    gold = [
        {
            "fecha": day,
            "provincia": province,
            "llamadas": len(group),
            "canceladas": sum(call.get("resultado") == "cancelada" for call in group),
        }
        for (day, province), group in sorted(groups.items())
    ]
    expected["gold"] = {"ms_auxilio_gold.llamadas_por_region": gold}
    expected["rows_written"]["ms_auxilio_gold.llamadas_por_region"] = len(gold)
    return expected


def _rescate(settings: SimulatorSettings, arrival: int) -> Expected:
    expected = _service(settings, "rescate", arrival, "rescates")
    calls = cases.states(settings, "auxilio", arrival)
    rescues = {rescue["llamada_id"]: rescue for rescue in cases.states(settings, "rescate", arrival)}
    groups: dict[str | None, list[cases.Row]] = defaultdict(list)
    for call in calls:
        groups[call.get("provincia")].append(call)
    gold = []
    for province, group in sorted(groups.items(), key=lambda g: g[0] or ""):
        adopted = sum("adoptado" in rescues.get(call["aggregate_id"], {}) for call in group)
        gold.append(
            {
                "provincia": province,
                "llamadas": len(group),
                "abiertas": sum(call["estado"] != "cerrada" for call in group),
                "adoptadas": adopted,
                "proporcion_adoptadas": adopted / len(group),
            }
        )
    valid = [()] * sum(not event.broken for event in cases.sent(settings, "rescate", arrival))
    for table in ("rescates", "rescates_historia"):
        expected["rules"][f"ms_rescate_silver.{table}"] = rule_counts(("rescate_id_present",), valid)
    changed = expected["rows_written"]
    changed["ms_rescate_silver.llamadas"] = _changed(settings, "auxilio", arrival, cases.states)
    for table in ("llamadas", "llamadas_historia"):
        of_calls = [()] * changed["ms_rescate_silver.llamadas"]
        expected["rules"][f"ms_rescate_silver.{table}"] = rule_counts(("llamada_id_present",), of_calls)
    changed["ms_rescate_gold.casos_por_region"] = len(gold)
    expected["gold"] = {"ms_rescate_gold.casos_por_region": gold}
    return expected


def _service(settings: SimulatorSettings, service: Service, arrival: int, table: str) -> Expected:
    brought = cases.sent(settings, service, arrival)
    unreadable = [("event_readable",) if "event_id_present" in e.broken else () for e in brought]
    schema, odd = f"ms_{service}", cases.anomalies(settings, service, arrival)
    every = (e for number in range(1, arrival + 1) for e in cases.sent(settings, service, number))
    return {
        "rows_written": {
            f"{schema}_bronze.eventos_{service}": len(brought),
            f"{schema}_silver.eventos_cuarentena": sum(bool(e.broken) for e in brought),
            f"{schema}_silver.{table}": _changed(settings, service, arrival, cases.states),
            f"{schema}_silver.{table}_historia": _changed(settings, service, arrival, cases.history),
            f"{schema}_silver.versiones_recibidas": sum(not e.broken for e in brought),
            f"{schema}_silver.versiones_anomalas": len(odd),
        },
        "rules": {
            f"{schema}_bronze.eventos_{service}": rule_counts(("event_readable",), unreadable),
            "eventos_validos": rule_counts(cases.RULES, [e.broken for e in brought]),
        },
        "quarantined": _reasons(f"{schema}_silver.eventos_cuarentena", (set(e.broken) for e in every)),
        "anomalies": {name: {"faltantes": m, "repetidas": r} for name, (m, r) in sorted(odd.items())},
    }


def _changed(settings: SimulatorSettings, service: Service, arrival: int, rows: Any) -> int:
    """How many rows are new or other than they were."""
    before = {tuple(sorted(row.items(), key=str)) for row in rows(settings, service, arrival - 1)}
    return len({tuple(sorted(row.items(), key=str)) for row in rows(settings, service, arrival)} - before)


def _reasons(table: str, broken: Iterable[set[str]]) -> Expected:
    return {table: dict(sorted(Counter(name for names in broken for name in names).items()))}


def _day(told: str) -> str:
    return day_of(datetime.fromisoformat(told)).isoformat()


def _mean(values: Iterable[int]) -> float | None:
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else None
