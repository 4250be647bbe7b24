"""The look of a decision record, on paper as on a screen."""

STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: light-dark(#16202b, #e4e9ef);
  background: light-dark(#fff, #0f151b); }
main { max-width: 1000px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 30px 0 6px; } h3 { font-size: 0.95rem; }
.headline { font-size: 1.1rem; font-weight: 650; margin: 2px 0 14px; }
dl { display: grid; grid-template-columns: minmax(130px, 220px) 1fr; gap: 3px 16px; margin: 8px 0; }
dt { color: light-dark(#55616e, #a3afbb); } dd { margin: 0; }
dd, td.long, pre { overflow-wrap: anywhere; } td { overflow-wrap: break-word; }
dd, td, pre { white-space: pre-wrap; }
table { width: 100%; border-collapse: collapse; font-size: 0.9rem; margin: 8px 0; }
th { text-align: left; font-weight: 500; color: light-dark(#55616e, #a3afbb); }
th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid light-dark(#d9dfe6, #2b3641);
  vertical-align: top; }
pre { font: 12px/1.45 ui-monospace, monospace; padding: 10px; background: light-dark(#f4f6f8, #151d25); }
@media (max-width: 640px) { dl { grid-template-columns: 1fr; } table { display: block; overflow-x: auto; } }
@page { size: A4; margin: 15mm; }
@media print { :root { color-scheme: light; } main { max-width: none; padding: 0; }
  tr { break-inside: avoid; } h2 { break-after: avoid; } }
"""
