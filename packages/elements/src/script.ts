// What a script tag loads: one small module that registers the elements. The build bundles it with all it needs.
import './define.ts'
