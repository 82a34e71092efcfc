import { defineConfig } from 'vite'

/**
 * The script-tag entry, built as an app: Vite's library mode leaves ES output unminified. What a page does not
 * need at first becomes a chunk beside it, found by a relative URL, so that the folder works from any place.
 */
export default defineConfig({
  base: './',
  logLevel: 'warn',
  build: {
    outDir: 'dist/script',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    rolldownOptions: {
      input: 'src/script.ts',
      output: { entryFileNames: 'rivulet.js', chunkFileNames: 'rivulet-[name]-[hash].js' },
    },
  },
})
