// The floor of every comparison: what the engine and the language host cost by themselves.
export {};
