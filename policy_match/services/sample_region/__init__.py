"""The sample region: an invented district of invented firms, written as the files that departments would hand over.

Guarantees that one seed gives one set of bytes and that every firm says on its face that it is invented. Importing
the files, like any other source, is `import_registry` with the mappings under `connectors/registry_sources`.
"""
