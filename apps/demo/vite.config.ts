import { defineConfig, type UserConfig } from 'vite'

const config: UserConfig = defineConfig({
  root: `${import.meta.dirname}/page`,
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    // What the page's own elements need; light-dark() and nesting stay as written.
    target: 'es2022',
    cssTarget: ['chrome130', 'firefox132', 'safari18'],
    // The page's Content-Security-Policy allows no inline code and no data: URLs.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
})

export default config
