"""Costa Rica: provinces with some of their cantons, and where these lie (latitude, longitude)."""

CANTONS: dict[str, dict[str, tuple[float, float]]] = {
    "San José": {
        "San José": (9.9281, -84.0907),
        "Escazú": (9.9187, -84.1399),
        "Desamparados": (9.8967, -84.0633),
        "Pérez Zeledón": (9.3723, -83.7026),
    },
    "Alajuela": {
        "Alajuela": (10.0163, -84.2116),
        "San Carlos": (10.3278, -84.4312),
        "Grecia": (10.0733, -84.3117),
    },
    "Cartago": {
        "Cartago": (9.8644, -83.9194),
        "Turrialba": (9.9047, -83.6836),
        "La Unión": (9.9077, -83.9870),
    },
    "Heredia": {
        "Heredia": (9.9986, -84.1165),
        "Barva": (10.0203, -84.1233),
        "Sarapiquí": (10.4524, -84.0178),
    },
    "Guanacaste": {
        "Liberia": (10.6350, -85.4377),
        "Nicoya": (10.1483, -85.4520),
        "Santa Cruz": (10.2601, -85.5854),
    },
    "Puntarenas": {
        "Puntarenas": (9.9763, -84.8384),
        "Garabito": (9.6149, -84.6289),
        "Osa": (8.9567, -83.4617),
    },
    "Limón": {
        "Limón": (9.9907, -83.0360),
        "Pococí": (10.2147, -83.7873),
        "Talamanca": (9.6267, -82.8489),
    },
}


def regions() -> list[dict[str, str | float]]:
    """One row a canton."""
    return [
        {"provincia": province, "canton": canton, "latitud": latitude, "longitud": longitude}
        for province, cantons in CANTONS.items()
        for canton, (latitude, longitude) in cantons.items()
    ]
